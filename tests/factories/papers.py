"""Invented administrative documents of every kind; tests change one field with `dataclasses.replace`."""

from datetime import date

from lachan.foundation.documents import Capacity, Issuer, Urgency
from lachan.foundation.documents.administrative import (
    Align,
    Annex,
    Column,
    Grid,
    Item,
    Paper,
    PaperKind,
    Paragraph,
    Section,
    Signature,
    SigningLine,
)

POLICE = Issuer("Công an tỉnh Cao Bằng", "Bộ Công an", "Cao Bằng")
COMMITTEE = Issuer("Ủy ban nhân dân tỉnh Cao Bằng", "", "Cao Bằng")
HEAD = Signature("Giám đốc", "Đại tá Nông Văn Dền")
LONG = (
    "Trong kỳ, các đơn vị đã rà soát 1.284 tài khoản thanh toán có dấu hiệu nghi vấn, phối hợp với các tổ chức "
    "tín dụng trên địa bàn tạm dừng giao dịch đối với 312 tài khoản, kịp thời ngăn chặn việc rút, chuyển số tiền "
    "8.450.000.000 đồng; tổ chức 96 buổi tuyên truyền trực tiếp tại địa bàn dân cư cho 14.200 lượt người, trong đó "
    "có 3.150 người cao tuổi."
)
COUNTS = Grid(
    (Column("TT", 1, Align.CENTER), Column("Chỉ tiêu", 7), Column("Đơn vị tính", 3, Align.CENTER),
     Column("Kết quả", 3, Align.RIGHT)),
    tuple((str(n), f"Chỉ tiêu thử số {n}", "vụ", f"{n * 137:,}".replace(",", ".")) for n in range(1, 41)),
    "Kết quả thực hiện các chỉ tiêu",
)  # fmt: skip
BROAD = Grid(
    (Column("TT", 1, Align.CENTER), Column("Đơn vị", 5), *(Column(f"Cột {n}", 2, Align.RIGHT) for n in range(7))),
    tuple((str(n), f"Công an xã số {n}", *(str(n * k) for k in range(1, 8))) for n in range(1, 31)),
)  # fmt: skip


def report() -> Paper:
    return Paper(
        PaperKind.REPORT, POLICE, 5, "BC-CAT", date(2026, 2, 5),
        "Kết quả thực hiện Kế hoạch phòng ngừa, xử lý hoạt động lừa đảo trên không gian mạng 6 tháng đầu năm 2026",
        (
            Section(1, "I. KẾT QUẢ THỰC HIỆN"), Section(2, "1. Công tác chỉ đạo"), Paragraph(LONG),
            Item("Ban hành 03 văn bản chỉ đạo, hướng dẫn."), Item("Tổ chức 02 đoàn kiểm tra."),
            Section(3, "a) Số liệu"), COUNTS, Section(1, "II. KHÓ KHĂN, VƯỚNG MẮC"),
            *(Paragraph(LONG) for _ in range(6)),
        ),
        HEAD, recipients=("Bộ Công an", "Ủy ban nhân dân tỉnh"), archive="PA05",
        annexes=(Annex("Kết quả theo từng đơn vị", (BROAD,)),),
    )  # fmt: skip


def plan() -> Paper:
    behalf = (SigningLine(Capacity.ON_BEHALF, "Ủy ban nhân dân"), SigningLine(Capacity.FOR_HEAD, "Chủ tịch"))
    return Paper(
        PaperKind.PLAN, COMMITTEE, 224, "KH-UBND", date(2026, 10, 12), "Phòng ngừa lừa đảo trên không gian mạng",
        (Section(1, "I. MỤC ĐÍCH, YÊU CẦU"), Paragraph(LONG), Section(1, "II. NHIỆM VỤ"), Paragraph(LONG)),
        Signature("Phó Chủ tịch", "Lê Hải Hòa", behalf), recipients=("Bộ Công an", "Các sở, ban, ngành"),
        archive="NC",
    )  # fmt: skip


def letter() -> Paper:
    return Paper(
        PaperKind.OFFICIAL_LETTER, POLICE, 1204, "CAT-PA05", date(2026, 1, 9),
        "phối hợp rà soát tài khoản nghi vấn",
        (Paragraph(LONG), Paragraph("Công an tỉnh trân trọng đề nghị./.")),
        Signature("Phó Giám đốc", "Thượng tá Hoàng Thị Ẩn", (SigningLine(Capacity.FOR_HEAD, "Giám đốc"),)),
        addressees=("Ngân hàng Nhà nước Khu vực 5", "Sở Khoa học và Công nghệ"),
        legal_bases=("Kế hoạch số 50/KH-UBND",),
        recipients=("Như trên", "Đồng chí Giám đốc (để báo cáo)"), archive="PA05", urgency=Urgency.URGENT,
    )  # fmt: skip


def reminder() -> Paper:
    return Paper(
        PaperKind.REMINDER, POLICE, None, "CAT-PV01", None, "đôn đốc gửi báo cáo 6 tháng đầu năm 2026",
        (Paragraph(LONG),), HEAD, addressees=("Sở Công Thương",), recipients=("Như trên",), archive="PV01",
        urgency=Urgency.IMMEDIATE,
    )  # fmt: skip


def request() -> Paper:
    return Paper(
        PaperKind.REQUEST, POLICE, 77, "CAT-PC02", date(2026, 12, 31), "đề nghị cung cấp thông tin thuê bao",
        (Paragraph(LONG),), HEAD, addressees=("Viễn thông Cao Bằng",), recipients=("Như trên",), archive="PC02",
    )  # fmt: skip


def minutes() -> Paper:
    return Paper(
        PaperKind.MINUTES, POLICE, 3, "BB-CAT", date(2026, 3, 3), "Họp giao ban quý I năm 2026",
        (Section(1, "I. THÀNH PHẦN"), Paragraph(LONG), Section(1, "II. KẾT LUẬN"), Paragraph(LONG)),
        Signature("Chủ tọa", "Đại tá Nông Văn Dền"), recipients=("Các đơn vị dự họp",), archive="PV01",
        secretary=Signature("Thư ký", "Trung úy Triệu Thị Mai"),
    )  # fmt: skip


ALL = {
    "report": report,
    "plan": plan,
    "letter": letter,
    "reminder": reminder,
    "request": request,
    "minutes": minutes,
}
