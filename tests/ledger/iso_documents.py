"""Messages of invented banks, as text: each test changes one thing."""

from datetime import UTC, datetime

LEARNED = datetime(2026, 11, 22, 5, tzinfo=UTC)
UETR = "86d7da8e-6e41-4466-b9bb-9b41d5814d5a"


def agent(side: str, bic: str) -> str:
    return f"<{side}><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></{side}>"


def account(side: str, number: str) -> str:
    return f"<{side}><Id><Othr><Id>{number}</Id></Othr></Id></{side}>"


def credit_transfer(
    *, amount: str = "50000000", currency: str = "VND", uetr: str = UETR, newest: bool = False,
    accepted: str = "2026-11-22T09:41:00+07:00", payer: str = account("DbtrAcct", "0011001234567"),
    payee_bank: str = "ICBVVNVX",
) -> str:  # fmt: skip
    accepted = accepted and f"<AccptncDtTm>{accepted}</AccptncDtTm>"
    return f"""<CdtTrfTxInf>
      <PmtId><EndToEndId>E2E-1</EndToEndId><TxId>FT263260001</TxId>{uetr and f"<UETR>{uetr}</UETR>"}</PmtId>
      <IntrBkSttlmAmt Ccy="{currency}">{amount}</IntrBkSttlmAmt>
      <IntrBkSttlmDt>2026-11-22</IntrBkSttlmDt>
      {f"<AddtlDtTm>{accepted}</AddtlDtTm>" if newest else accepted}
      <ChrgBr>SLEV</ChrgBr>
      <Dbtr><Nm>NGUYEN VAN AN</Nm></Dbtr>
      {payer}
      {agent("DbtrAgt", "BFTVVNVX")}
      {agent("CdtrAgt", payee_bank)}
      <Cdtr><Nm>TRAN THI BE</Nm></Cdtr>
      {account("CdtrAcct", "102870001234")}
    </CdtTrfTxInf>"""


def pacs008(*transfers: str, version: str = "08", count: int | None = None) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.{version}">
  <FIToFICstmrCdtTrf>
    <GrpHdr>
      <MsgId>MSG-1</MsgId><CreDtTm>2026-11-22T09:41:02+07:00</CreDtTm>
      <NbOfTxs>{len(transfers) if count is None else count}</NbOfTxs>
      <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>
    </GrpHdr>
    {"".join(transfers)}
  </FIToFICstmrCdtTrf>
</Document>""".encode()


def details(
    *, references: str = f"<EndToEndId>E2E-1</EndToEndId><UETR>{UETR}</UETR>", amount: str = "", parties: str = "",
    agents: str = "", at: str = "",
) -> str:  # fmt: skip
    return "".join([
        "<TxDtls>",
        f"<Refs>{references}</Refs>" if references else "",
        f'<Amt Ccy="VND">{amount}</Amt>' if amount else "",
        f"<RltdPties>{parties}</RltdPties>" if parties else "",
        f"<RltdAgts>{agents}</RltdAgts>" if agents else "",
        f"<RltdDts><TxDtTm>{at}</TxDtTm></RltdDts>" if at else "",
        "</TxDtls>",
    ])  # fmt: skip


def entry(
    *parts: str, amount: str = "50000000", currency: str = "VND", sign: str = "DBIT", reversal: bool = False,
    status: str = "BOOK", booked: str = "<DtTm>2026-11-22T09:41:00+07:00</DtTm>", reference: str = "BANK-1",
    code: str = "",
) -> str:  # fmt: skip
    domain = f"<Domn><Cd>PMNT</Cd><Fmly><Cd>CCRD</Cd><SubFmlyCd>{code}</SubFmlyCd></Fmly></Domn>" if code else ""
    return "".join([
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>',
        "<RvslInd>true</RvslInd>" if reversal else "",
        f"<Sts><Cd>{status}</Cd></Sts>",
        f"<BookgDt>{booked}</BookgDt>" if booked else "",
        f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "",
        f"<BkTxCd>{domain}</BkTxCd>",
        f"<NtryDtls>{''.join(parts)}</NtryDtls>" if parts else "",
        "</Ntry>",
    ])  # fmt: skip


def balance(code: str, amount: str, sign: str = "CRDT", currency: str = "VND") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2026-11-22</Dt></Dt></Bal>'
    )


OWN = f"<Acct><Id><Othr><Id>0011001234567</Id></Othr></Id><Ccy>VND</Ccy>{agent('Svcr', 'BFTVVNVX')}</Acct>"


def camt053(
    *entries: str, version: str = "08", balances: str = balance("OPBD", "7000000"), count: str = ""
) -> bytes:
    summary = f"<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries></TtlNtries></TxsSummry>" if count else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>STMT-1</MsgId><CreDtTm>2026-11-22T23:59:00+07:00</CreDtTm></GrpHdr>
    <Stmt><Id>S1</Id>{OWN}{balances}{summary}{"".join(entries)}</Stmt>
  </BkToCstmrStmt>
</Document>""".encode()


def statements_of_both(mine: bytes, theirs: bytes, number: str = "102870001234") -> bytes:
    """One message with a second statement: of the other party, who holds `number` at the same bank."""
    second = theirs.decode()
    statement = second[second.index("<Stmt>") : second.index("</Stmt>") + len("</Stmt>")]
    own, other = "<Acct><Id><Othr><Id>0011001234567", f"<Acct><Id><Othr><Id>{number}"
    return mine.decode().replace("</Stmt>", f"</Stmt>{statement.replace(own, other)}").encode()


def enveloped(*messages: bytes) -> bytes:
    """Messages with their header in a business envelope."""
    header = (
        '<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><BizMsgIdr>M1</BizMsgIdr>'
        "<MsgDefIdr>camt.053.001.08</MsgDefIdr></AppHdr>"
    )
    bodies = "".join(one.decode().partition("?>")[2] for one in messages)
    return f'<?xml version="1.0"?><Envelope xmlns="urn:bank:x"><Body>{header}{bodies}</Body></Envelope>'.encode()


def camt054(*entries: str, version: str = "14") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}">
  <BkToCstmrDbtCdtNtfctn>
    <GrpHdr><MsgId>NOTE-1</MsgId><CreDtTm>2026-11-22T09:41:01+07:00</CreDtTm></GrpHdr>
    <Ntfctn><Id>N1</Id>{OWN}{"".join(entries)}</Ntfctn>
  </BkToCstmrDbtCdtNtfctn>
</Document>""".encode()
