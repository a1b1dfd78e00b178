"""Who works here: workspaces, members, API keys, the ledger of training credits. Never: torch, datasets."""
