"""The register of models (D24): who trained which on what, how well it does, who approved it, from when until when.

Only an approved model in its time is handed to the service. A model gives scores; a person decides.
"""

from lachan.monitoring.models.register.actions import approve_model, register_model, reject_model, retire_model
from lachan.monitoring.models.register.model import RegisteredModel, State
from lachan.monitoring.models.register.views import (
    model_in_use,
    model_of_registered,
    model_registered,
    model_serving,
    models_registered,
)

__all__ = [
    "RegisteredModel",
    "State",
    "approve_model",
    "model_in_use",
    "model_of_registered",
    "model_registered",
    "model_serving",
    "models_registered",
    "register_model",
    "reject_model",
    "retire_model",
]
