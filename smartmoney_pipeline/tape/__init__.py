"""The tape: canonical reader and writer, vendor readers, OPRA codes, corrections, quarantine and the lake layout of one day."""
