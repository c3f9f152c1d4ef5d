package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store/novelty"
)

// logNew writes a batch of a new host, and of its RRset, into the log of a directory.
func logNew(t *testing.T, l *novelty.Log, at int64, name string) {
	t.Helper()
	set := &rrset.RRset{
		Owner: rrset.MustName(name), Type: 1, Rdata: [][]byte{{192, 0, 2, 1}},
		Figures: rrset.Figures{First: at, Last: at, Count: 1},
	}
	b := l.Begin(time.Unix(at, 0))
	b.Add(novelty.NewEvent(novelty.Host, set.Owner, set, 0))
	b.Add(novelty.NewEvent(novelty.RRset, set.Owner, set, 0))
	_, err := b.Commit()
	check(t, err)
}

// TestFollowFlushing: who begins to follow while a flush has written one of its files
// is told of the other one as well, and of nothing twice.
func TestFollowFlushing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		late  string // the file that is written last
		limit int
		want  []string
	}{
		{"RRsets last", "new-rrsets-*", 0, []string{"host a.test.", "rrset a.test.", "host b.test.", "|", "rrset b.test."}},
		{"RRsets first", "new-names-*", 0, []string{"host a.test.", "rrset a.test.", "rrset b.test.", "|", "host b.test."}},
		{"a limit", "new-rrsets-*", 2, []string{"rrset a.test.", "host b.test.", "|", "rrset b.test."}},
		{"a limit within a batch", "new-rrsets-*", 1, []string{"host b.test.", "|", "rrset b.test."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				l := novelty.NewLog(dir)
				defer l.Close()
				logNew(t, l, 1000, "a.test")
				files, err := filepath.Glob(filepath.Join(dir, tt.late))
				check(t, err)
				before, err := os.Stat(files[0])
				check(t, err)
				logNew(t, l, 1001, "b.test")
				whole, err := os.ReadFile(files[0])
				check(t, err)
				check(t, os.Truncate(files[0], before.Size()))

				var out bytes.Buffer
				p := &program{out: &out, err: io.Discard}
				ctx, end := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() {
					ended <- p.followNew(ctx, dir, novelty.Selection{Kinds: novelty.Kinds}, &newFlags{limit: tt.limit, json: true, follow: true})
				}()
				synctest.Wait()
				out.WriteString("|\n")
				check(t, os.WriteFile(files[0], whole, 0o600))
				<-time.After(2 * lookAgain)
				synctest.Wait()
				end()
				check(t, <-ended)
				var got []string
				for line := range strings.Lines(out.String()) {
					e, err := novelty.ParseEvent([]byte(line))
					if line == "|\n" {
						got = append(got, "|")
						continue
					}
					check(t, err)
					got = append(got, string(e.Kind)+" "+rrset.NameString(e.Name))
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("told %q, want %q", got, tt.want)
				}
			})
		})
	}
}
