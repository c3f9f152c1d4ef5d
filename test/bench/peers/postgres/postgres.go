package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"example.org/pdns/test/bench/peers/peer"
)

const schema = `
CREATE TABLE rrset (
	id bytea PRIMARY KEY, tail bytea, first int, last int, count bigint, ttl_min int, ttl_max int, marks int
);
CREATE TABLE rdata (posting bytea, place bytea, PRIMARY KEY (posting, place));
CREATE TEMP TABLE staged (LIKE rrset) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE posted (LIKE rdata) ON COMMIT DELETE ROWS;`

const upsert = `INSERT INTO rrset AS r SELECT * FROM staged ON CONFLICT (id) DO UPDATE SET
	first = least(r.first, excluded.first), last = greatest(r.last, excluded.last),
	count = r.count + excluded.count,
	ttl_min = least(r.ttl_min, excluded.ttl_min), ttl_max = greatest(r.ttl_max, excluded.ttl_max),
	marks = r.marks | excluded.marks`

const post = `INSERT INTO rdata SELECT * FROM posted ON CONFLICT DO NOTHING`

const (
	byKey     = `SELECT r.* FROM rrset r WHERE r.id >= $1 AND r.id < $2 ORDER BY r.id LIMIT $3`
	byPosting = `SELECT r.* FROM rdata p JOIN rrset r ON r.id >= p.place AND r.id < p.place || decode(repeat('ff', 32), 'hex')
		WHERE p.posting >= $1 AND p.posting < $2 ORDER BY p.posting, p.place, r.id LIMIT $3`
)

type table struct {
	server  *server
	conn    *pgx.Conn
	backend int // the process that serves conn
}

// Open starts a server with a new database in dir.
func Open(dir string) (peer.Peer, error) {
	ctx := context.Background()
	s, err := start(dir)
	if err != nil {
		return nil, err
	}
	t := &table{server: s}
	if t.conn, err = s.connect(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	t.backend = int(t.conn.PgConn().PID())
	if _, err := t.conn.Exec(ctx, schema); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Put copies a batch to the server and upserts it there.
func (t *table) Put(batch []peer.Entry) error {
	ctx := context.Background()
	tx, err := t.conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	var postings [][]any
	rows := pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) {
		e := &batch[i]
		for _, p := range e.Postings {
			postings = append(postings, []any{p, e.Place()})
		}
		return e.Values(), nil
	})
	columns := []string{"id", "tail", "first", "last", "count", "ttl_min", "ttl_max", "marks"}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"staged"}, columns, rows); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"posted"}, []string{"posting", "place"}, pgx.CopyFromRows(postings)); err != nil {
		return err
	}
	for _, statement := range []string{upsert, post} {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// Flush has nothing to do: the log is written a moment after each commit.
func (t *table) Flush() error { return nil }

// Settle writes everything to the tables' files, and tells the planner what is in
// them, as the server does by itself after a minute.
func (t *table) Settle() error {
	for _, statement := range []string{`ANALYZE rrset, rdata`, `CHECKPOINT`} {
		if _, err := t.conn.Exec(context.Background(), statement); err != nil {
			return err
		}
	}
	return nil
}

// Owner reads keys with a prefix.
func (t *table) Owner(prefix []byte, limit int, yield peer.Yield) error {
	return t.each(byKey, prefix, limit, yield)
}

// Rdata reads postings with a prefix.
func (t *table) Rdata(prefix []byte, limit int, yield peer.Yield) error {
	return t.each(byPosting, prefix, limit, yield)
}

func (t *table) each(query string, prefix []byte, limit int, yield peer.Yield) error {
	if prefix == nil {
		prefix = []byte{} // nil would be null
	}
	rows, err := t.conn.Query(context.Background(), query, prefix, peer.After(prefix), limit)
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

// Size is that of both tables and their indexes, after they were packed.
func (t *table) Size() (size int64, err error) {
	ctx := context.Background()
	if _, err := t.conn.Exec(ctx, `VACUUM (FULL, ANALYZE) rrset, rdata`); err != nil {
		return 0, err
	}
	err = t.conn.QueryRow(ctx, `SELECT pg_total_relation_size('rrset') + pg_total_relation_size('rdata')`).Scan(&size)
	return size, err
}

// Memory is the peak of the server's process that did the work, with as much of
// the shared buffers as it has touched.
func (t *table) Memory() (int64, error) { return peer.PeakMemory(t.backend) }

// Close ends the server.
func (t *table) Close() error {
	return errors.Join(t.conn.Close(context.Background()), t.server.stop())
}
