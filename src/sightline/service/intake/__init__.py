"""How videos come in: uploads that can be continued, addresses, object stores, a watched folder."""
