/**
 * The database of a Nix store, schema version 10: tables, indexes and trigger as C++ Nix makes and expects them (the names
 * and the constraints are the format). What the columns hold:
 *
 *   hash      sha256:<base 16> of the NAR          sigs   signatures, separated by spaces
 *   narSize   null: unknown                        ca     content address; null: addressed by its inputs
 *
 * Refs has one row per reference; a path that refers to itself has a row (N, N), which the trigger takes away before the
 * path goes, since references to an existing path restrict its deletion. DerivationOutputs has the known output paths of
 * every valid .drv.
 */
export const schemaVersion = 10;

export const schema = `
create table if not exists ValidPaths (
    id               integer primary key autoincrement not null,
    path             text unique not null,
    hash             text not null,
    registrationTime integer not null,
    deriver          text,
    narSize          integer,
    ultimate         integer,
    sigs             text,
    ca               text
);

create table if not exists Refs (
    referrer  integer not null,
    reference integer not null,
    primary key (referrer, reference),
    foreign key (referrer) references ValidPaths(id) on delete cascade,
    foreign key (reference) references ValidPaths(id) on delete restrict
);

create index if not exists IndexReferrer on Refs(referrer);
create index if not exists IndexReference on Refs(reference);

create trigger if not exists DeleteSelfRefs before delete on ValidPaths
  begin
    delete from Refs where referrer = old.id and reference = old.id;
  end;

create table if not exists DerivationOutputs (
    drv  integer not null,
    id   text not null,
    path text not null,
    primary key (drv, id),
    foreign key (drv) references ValidPaths(id) on delete cascade
);

create index if not exists IndexDerivationOutputs on DerivationOutputs(path);
`;
