-- Lists at the side of a search, and what a person did of one kind, are told from an index alone: the entries' own rows lie
-- far apart. With the position named, entries of one instant stay in the order in which they came.
DROP INDEX entry_by_stream;
CREATE INDEX entry_by_stream ON entry (stream, timestamp, position, kind, person, object);
DROP INDEX entry_by_person;
CREATE INDEX entry_by_person ON entry (person, timestamp, position, kind);

-- The record of an entry is kept without what its columns say, so names stand in it: they are never another one's.
CREATE TRIGGER kind_is_immutable BEFORE UPDATE ON kind BEGIN
  SELECT raise(ABORT, 'a name is immutable');
END;
CREATE TRIGGER person_is_immutable BEFORE UPDATE ON person BEGIN
  SELECT raise(ABORT, 'a name is immutable');
END;
CREATE TRIGGER object_is_immutable BEFORE UPDATE ON object BEGIN
  SELECT raise(ABORT, 'a name is immutable');
END;
