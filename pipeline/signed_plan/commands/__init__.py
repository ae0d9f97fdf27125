"""The commands of `plan`. Each calls one room and shows the result."""
