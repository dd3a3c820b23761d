"""Where everything stands in the kernel's arrays. Zeros everywhere are the valid empty state.

*Accounts*: one row of `ACCOUNT_WORDS` int64 each; some of them are pairs of int32, seen through a view on the
same memory. *Gaps*: how long an account slept before it last woke, in seconds; few ever did. *Edges*: a ring by
serial number (from 1; 0 is none). Each knows the credit that its payer had before it, so that money is followed
backward from edge to edge without a look at the accounts, and past nothing that came later. *Pairs*: open
addressing; payer and payee, or (negative key) payer and device.
"""

from lachan.monitoring.features import NUMBER, WINDOW_US

M10, H1, H24, D7 = range(4)
WINDOW_COUNT = 4
US_10M, US_1H, US_24H, US_7D = WINDOW_US
SECOND_US, HOUR_US = 1_000_000, 3_600_000_000
VIETNAM_HOURS = 7

# An account: three cache lines of eight words. The first is all that a day's pass touches, the second the short
# windows and the balance, the third seven days and the habits.
IN_SUM, OUT_SUM = (8, 10, 0, 16), (9, 11, 1, 17)  # by window
HEAD_IN, HEAD_OUT, LAST_US = 2, 3, 7
BALANCE, LARGEST_OUT = 14, 15
FIRST_US, WAKE_US, DEVICE_US = 21, 22, 23
ACCOUNT_WORDS, LINE_WORDS = 24, 8
# In its halves of 32 bits
IN_COUNT, OUT_COUNT = (24, 26, 8, 36), (25, 27, 9, 37)  # by window
FAN_IN_24H, FAN_OUT_24H, FAN_IN_7D, FAN_OUT_7D = FANS = 10, 11, 38, 39
SMALL_IN_24H, SMALL_OUT_24H = 12, 13
SUSPECT_IN_7D, HOURS = 40, 41
DEVICE_SAME = 1  # in DEVICE_US: it has one, which never changed

# An edge. Earlier edges are named by how far back they lie (int32, 0: none), as a ring is shorter than that.
EDGE_PAIR, EDGE_AMOUNT, EDGE_BOOKED = 0, 2, 3
EDGE_WORDS = 6
# In its halves: the payee's credit before it, the payer's credit before it, the payer's debit before it
BACK_IN, BACK_SOURCE, BACK_OUT = 2, 3, 8
EDGE_DEVICE, EDGE_INFO = 9, 10  # the device + 1; flags, then the depth of the chain
BACK_MAX = (1 << 31) - 1
SMALL, SUSPECT = 1, 2
DEPTH_SHIFT, DEPTH_MAX = 8, 255

PAIR_KEY, PAIR_FIRST, PAIR_LAST = range(3)
PAIR_24H, PAIR_7D = 6, 7  # int32
PAIR_WORDS = 4

NEXT_SERIAL, TAIL, PAIRS_USED, BEGAN_US, NOW_US = 0, 1, 5, 6, 7  # TAIL + window
CONTROL_WORDS = 8

WALK, SEARCH, SMALL_VND, NEAR_LOW, NEAR_HIGH, CHAIN_US, MEMORY_US, WAKE_US_MIN, PARTS = range(9)
SETTING_WORDS = 9

# What is computed at all: a bit for each window, then these
PART_FANS, PART_PAIRS, PART_DEVICES, PART_CYCLES, PART_WALKS, PART_HABITS = (1 << bit for bit in range(4, 10))
PARTS_ALL = (1 << 10) - 1

SIGN_IP_FOREIGN, SIGN_BIOMETRICS, SIGN_PAYER_COMPANY, SIGN_PAYEE_COMPANY, SIGN_PAYER_SUSPECT, SIGN_PAYEE_SUSPECT = (
    range(6)
)
SIGNS = ("ip_foreign", "biometrics_changed", "payer_company", "payee_company", "payer_suspect", "payee_suspect")

CYCLE_MAX = 6
SOURCES_MAX = 8
HIT_CYCLES, HIT_SCATTER, HIT_WALK = 1, 2, 4
TRANSFER = 0  # the kind

# Evidence: row, typology, level (1 alert, 2 interdict), the row's place in the table of features, how many serials,
# the serials
PROOF_ROW, PROOF_TYPOLOGY, PROOF_LEVEL, PROOF_TOLD, PROOF_COUNT, PROOF_SERIALS = range(6)
PROOF_MAX = 12
PROOF_WORDS = PROOF_SERIALS + PROOF_MAX
SHOWN_BY = ("payer_in", "payer_out", "payee_in", "payee_out", "cycle", "scatter_gather", "chain")
BY_PAYER_IN, BY_PAYER_OUT, BY_PAYEE_IN, BY_PAYEE_OUT, BY_CYCLE, BY_SCATTER, BY_CHAIN = (1, 2, 4, 8, 16, 32, 64)

# The kernel's own notes about the row in hand
NOTE_SOURCE, NOTE_SEEN, NOTE_PATH = 0, 1, 2
NOTE_WORDS = 2 + CYCLE_MAX

# What the search for scatter-gather keeps: sources and their counts, then of the accounts between number, credit at
# hand, sources found, debit to the payee; from the seventh row on, for each source, the credit from it
ROOM_CREDITS = 6
ROOM_ROWS = ROOM_CREDITS + SOURCES_MAX

# The search for circles: an edge to look at, the row in which its payee's list began, its number in that list;
# in such a row also that account, the edge by which it paid, the row of the list with that edge, and the depth
Q_LOOK, Q_PLACE, Q_NUMBER, Q_ACCOUNT, Q_EDGE, Q_PARENT, Q_DEPTH = range(7)
QUEUE_WORDS = 8

COMPARE = ("at_least", "at_most", "above", "below", "equals", "not_equals")
AT_LEAST, AT_MOST, ABOVE, BELOW, EQUALS, NOT_EQUALS = range(6)

F_AMOUNT, F_KIND, F_HOUR, F_HISTORY = (NUMBER[n] for n in ("amount_vnd", "kind", "hour", "history_s"))
F_PAYER, F_PAYEE = NUMBER["payer_out_count_10m"], NUMBER["payee_out_count_10m"]
# Offsets within a side
S_OUT_COUNT, S_OUT_SUM, S_IN_COUNT, S_IN_SUM = 0, 4, 8, 12
S_FANS, S_KNOWN, S_IDLE, S_BALANCE, S_HOURS, S_COMPANY, S_SUSPECT = 16, 20, 21, 22, 23, 24, 25
F_NEW_PAYEE, F_PAIR_KNOWN, F_PAIR_24H = (NUMBER[n] for n in ("new_payee", "pair_known_s", "pair_count_24h"))
F_SINCE_IN, F_LEFT = NUMBER["payer_since_in_s"], NUMBER["payer_left_permille_24h"]
F_PASSED_10M, F_PASSED_1H, F_PASSED_24H = (NUMBER[f"payer_passed_permille_{w}"] for w in ("10m", "1h", "24h"))
F_WAKE_GAP, F_AWAKE, F_LARGEST = (
    NUMBER[n] for n in ("payer_wake_gap_s", "payer_awake_s", "payer_largest_permille")
)
F_SMALL_OUT, F_SMALL_IN, F_NEAR = (
    NUMBER[n] for n in ("payer_small_out_24h", "payee_small_in_24h", "payer_near_limit_24h")
)
F_SAME, F_SUSPECT_IN, F_CHAIN = (NUMBER[n] for n in ("payee_same_amount_24h", "payee_suspect_in_7d", "chain_depth"))
F_DEVICE_ACCOUNTS, F_DEVICE_AGE = NUMBER["device_accounts_7d"], NUMBER["payer_device_age_s"]
F_FOREIGN, F_BIOMETRICS = NUMBER["ip_foreign"], NUMBER["biometrics_changed"]
F_CYCLES, F_CYCLE_LENGTH, F_SCATTER, F_BUDGET = (
    NUMBER[n] for n in ("cycles_24h", "cycle_length", "scatter_gather_24h", "budget_hit")
)
FEATURE_COUNT = len(NUMBER)
