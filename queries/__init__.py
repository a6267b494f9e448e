"""The way from vouchers to printed figures: BQL queries, statement layouts, and what turns them into statements."""
