"""The commands of forbundsbok, one a file: options, messages, and the call of what does it."""
