"""One router a noun. They translate: every use case is in `sightline.service`."""
