"""The pretend Hishebi Online: its people, what they keep there, their logins, and the API that docs/hishebi describes.

Put here what the pretend service knows and says. Keep out how its answers are read: `pipelines.sources.hishebi` is
written against the same description, not against this code.
"""
