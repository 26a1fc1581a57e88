#!/bin/sh
# Run by the image once, on empty data: Warren's role and its database. The role is no superuser, for one is above row-level
# security; it may make databases, as the tests do, and roles, as `warren topology users` does.
set -eu
psql --username "${POSTGRES_USER:-postgres}" --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" <<'SQL'
create role warren login createdb createrole password :'password';
create database warren owner warren;
SQL
