"""The service under load: people at work while every worker analyses."""
