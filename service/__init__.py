"""Mingjing's service: a county's power items run as BPMN cases, with nothing skipped and everything seen."""
