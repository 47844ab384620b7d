"""The live engine: tables of any kind come in as they are received, events and their revisions go out."""

from smartmoney_pipeline.engine.live.engine import LiveEngine
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.snapshot import restore, save
from smartmoney_pipeline.engine.live.update import Update

__all__ = ["LiveEngine", "LiveParams", "Update", "restore", "save"]
