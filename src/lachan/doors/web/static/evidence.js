// Photos are made small on the phone before they are sent: a weak line carries 300 KB where it would break at 5 MB.
// Without script, or where the browser cannot, they go as they are; the server draws them again in any case.
const EDGE = 1600, SMALL = 400_000;
const shrink = async (file) => {
  if (!file.type.startsWith("image/") || file.size < SMALL) return file;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
  return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
};
for (const input of document.querySelectorAll("[data-evidence]")) {
  input.addEventListener("change", async () => {
    const button = input.form.querySelector("button[value=send]");
    button.disabled = true;
    try {
      const small = await Promise.all([...input.files].map((file) => shrink(file).catch(() => file)));
      const list = new DataTransfer();
      for (const file of small) list.items.add(file);
      input.files = list.files;
    } finally { button.disabled = false; }
  });
}
