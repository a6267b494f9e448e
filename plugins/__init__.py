"""The accounting concepts of a federation and the rules that hold for them, as Beancount plugins."""
