"""What is told to people: incidents, each of them one alert with a key that stays.

Pure: from what the detector said of series to values; reading and sending lie elsewhere.
"""
