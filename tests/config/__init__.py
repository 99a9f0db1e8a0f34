"""The config room: good files become values, bad ones become findings."""
