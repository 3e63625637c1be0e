"""Fields and forms of all pages, and what keeps typed words through a sign-in."""
