"""What the line reports about itself: logs, metrics, /healthz and /readyz.

Nothing personal is in a log, an address or a metric.
May import: callcenter, models, serving.
"""
