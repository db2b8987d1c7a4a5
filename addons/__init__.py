"""The mitmproxy addons."""
