"""The municipality's pages and the look of the whole site."""
