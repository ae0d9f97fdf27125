"""One zip that proves everything that was signed, without this program."""
