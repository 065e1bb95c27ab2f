"""Gin configs, read as data alone: nothing that a config holds is imported or executed."""

from sentiment.config.registry import SettingError, configurable
from sentiment.config.settings import Config, build, read_config

__all__ = ["Config", "SettingError", "build", "configurable", "read_config"]
