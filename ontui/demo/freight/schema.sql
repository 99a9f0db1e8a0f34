-- The tables of Infamous Freight, and who may do what. Run once by the superuser, in the database `freight`.
create extension if not exists pg_stat_statements;

create table customers (
  id          int primary key generated always as identity,
  name        text not null,
  created_at  timestamptz not null default now()
);
create table shipments (
  id           int primary key generated always as identity,
  customer_id  int not null references customers,
  status       text not null check (status in ('booked', 'in_transit', 'delivered')),
  position_km  int not null default 0,
  updated_at   timestamptz not null default now()
);
create table payments (
  id           bigint primary key generated always as identity,
  shipment_id  int not null references shipments,
  cents        int not null,
  result       text not null check (result in ('ok', 'failed')),
  created_at   timestamptz not null default now()
);
create index shipments_status on shipments (status);
create index payments_created_at on payments (created_at);

insert into customers (name, created_at)
  select 'Customer ' || n, now() - n * interval '27 minutes' from generate_series(1, 400) n;
insert into shipments (customer_id, status, position_km)
  select 1 + n % 400, case when n <= 1012 then 'in_transit' when n % 5 = 0 then 'booked' else 'delivered' end, n % 900
  from generate_series(1, 2400) n;
insert into payments (shipment_id, cents, result, created_at)
  select 1 + n % 2400, 1900 + n % 7000, case when n % 140 = 0 then 'failed' else 'ok' end, now() - n * interval '3 seconds'
  from generate_series(1, 1200) n;
analyze customers, shipments, payments;

grant select, insert, update, delete on all tables in schema public to freight_app;
grant pg_monitor, pg_signal_backend to ontui;
-- The watcher must still get in when the application has taken every slot; PostgreSQL 16 and newer know a role for it.
do $$ begin
  if exists (select from pg_roles where rolname = 'pg_use_reserved_connections') then
    grant pg_use_reserved_connections to ontui;
  end if;
end $$;
