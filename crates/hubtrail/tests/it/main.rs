mod store_append;
mod store_search;
mod store_support;
