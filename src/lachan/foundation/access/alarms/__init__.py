"""Data-protection deadlines that ring: a breach's notice and a data subject's answer, before they are late."""

from lachan.foundation.access.alarms.actions import ring, start_alarms, stop_alarms
from lachan.foundation.access.alarms.model import HEARD_BY, Alarm, AlarmKind
from lachan.foundation.access.alarms.views import alarms, count_alarms

__all__ = ["HEARD_BY", "Alarm", "AlarmKind", "alarms", "count_alarms", "ring", "start_alarms", "stop_alarms"]
