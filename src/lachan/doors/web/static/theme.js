// Before anything is drawn, or a page in the chosen theme would flash in the other.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen) document.documentElement.dataset.theme = chosen;
  } catch { /* storage is switched off: the system's theme stands */ }
})();
