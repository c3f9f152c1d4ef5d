// Package sqlite is SQLite with upserts, in pure Go.
package sqlite

import (
	"database/sql"
	"errors"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver

	"example.org/pdns/test/bench/peers/peer"
)

const schema = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -131072;
CREATE TABLE rrset (
	id BLOB PRIMARY KEY, tail BLOB, first INT, last INT, count INT, ttl_min INT, ttl_max INT, marks INT
) WITHOUT ROWID;
CREATE TABLE rdata (posting BLOB, place BLOB, PRIMARY KEY (posting, place)) WITHOUT ROWID;`

const upsert = `INSERT INTO rrset VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
	first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count,
	ttl_min = min(coalesce(ttl_min, excluded.ttl_min), coalesce(excluded.ttl_min, ttl_min)),
	ttl_max = max(coalesce(ttl_max, excluded.ttl_max), coalesce(excluded.ttl_max, ttl_max)),
	marks = marks | excluded.marks`

const post = `INSERT INTO rdata VALUES (?, ?) ON CONFLICT DO NOTHING`

const columns = `r.id, r.tail, r.first, r.last, r.count, r.ttl_min, r.ttl_max, r.marks`

type table struct {
	db        *sql.DB
	owner, by *sql.Stmt
	path      string
}

// Open opens a new database in dir.
func Open(dir string) (peer.Peer, error) {
	t := &table{path: filepath.Join(dir, "sqlite.db")}
	var err error
	if t.db, err = sql.Open("sqlite", t.path); err != nil {
		return nil, err
	}
	t.db.SetMaxOpenConns(1) // the pragmas are those of a connection
	if _, err = t.db.Exec(schema); err == nil {
		t.owner, err = t.db.Prepare(`SELECT ` + columns + ` FROM rrset r WHERE r.id >= ? AND r.id < ? ORDER BY r.id LIMIT ?`)
	}
	if err == nil {
		t.by, err = t.db.Prepare(`SELECT ` + columns + ` FROM rdata p JOIN rrset r ON r.id >= p.place AND r.id < CAST(p.place || x'ffffffffffffffffffffffffffffffffffff' AS BLOB)
			WHERE p.posting >= ?1 AND p.posting < ?2 ORDER BY p.posting, p.place, r.id LIMIT ?3`)
	}
	if err != nil {
		return nil, errors.Join(err, t.db.Close())
	}
	return t, nil
}

// Put upserts a batch in one transaction.
func (t *table) Put(batch []peer.Entry) error {
	tx, err := t.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	rows, err := tx.Prepare(upsert)
	if err != nil {
		return err
	}
	postings, err := tx.Prepare(post)
	if err != nil {
		return err
	}
	for i := range batch {
		e := &batch[i]
		if _, err := rows.Exec(e.Values()...); err != nil {
			return err
		}
		for _, p := range e.Postings {
			if _, err := postings.Exec(p, e.Place()); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// Flush has nothing to do: what a commit has left to the system is not lost with
// this process.
func (t *table) Flush() error { return nil }

// Settle brings what the log holds into the database.
func (t *table) Settle() error {
	_, err := t.db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

// Owner reads keys with a prefix.
func (t *table) Owner(prefix []byte, limit int, yield peer.Yield) error {
	return each(t.owner, prefix, limit, yield)
}

// Rdata reads postings with a prefix.
func (t *table) Rdata(prefix []byte, limit int, yield peer.Yield) error {
	return each(t.by, prefix, limit, yield)
}

func each(s *sql.Stmt, prefix []byte, limit int, yield peer.Yield) error {
	if prefix == nil {
		prefix = []byte{} // nil would be null
	}
	rows, err := s.Query(prefix, peer.After(prefix), limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r peer.Row
		if err := rows.Scan(r.Columns()...); err != nil {
			return err
		}
		if err := yield(r.Key(), r.Figures()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Size is that of the file after it was packed.
func (t *table) Size() (int64, error) {
	if _, err := t.db.Exec(`VACUUM`); err != nil {
		return 0, err
	}
	if err := t.Settle(); err != nil {
		return 0, err
	}
	return peer.FileSize(t.path)
}

// Close closes the database.
func (t *table) Close() error { return t.db.Close() }
