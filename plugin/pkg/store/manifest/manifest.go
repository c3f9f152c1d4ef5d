// Package manifest names the runs that a store consists of, and what the store
// remembers about itself. It is one small file, replaced by rename: whoever
// reads it sees one state or the next.
package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"

	"example.org/pdns/plugin/pkg/store/durable"
)

// File is the manifest's name in the store's directory.
const File = "MANIFEST"

// Format is the version that this package writes, and the only one it reads.
const Format = 1

// Errors that callers branch on.
var (
	// ErrDamaged: the manifest does not hold what was written.
	ErrDamaged = errors.New("damaged manifest")
	// ErrFormat: it is of another version.
	ErrFormat = errors.New("of another version")
)

// A Manifest is the state of a store. Times are Unix seconds.
type Manifest struct {
	Next     uint64            `json:"next"`     // number of the next run
	Since    int64             `json:"since"`    // since when the runs go back; 0: there are none
	Until    int64             `json:"until"`    // up to when everything recorded is in the runs
	Recorded uint64            `json:"recorded"` // observations taken in up to then
	Dropped  map[string]uint64 `json:"dropped"`  // observations left out, by reason
	Reduced  Reduced           `json:"reduced"`  // observations of which less was recorded than was seen
	Keep     int64             `json:"keep"`     // seconds that the recording program keeps; 0: for ever
	Windows  []string          `json:"windows"`  // into which it merges
	Runs     []Run             `json:"runs"`
	Loose    []string          `json:"loose,omitempty"`   // files of runs that do not count: being written, or to be removed
	Imports  []Import          `json:"imports,omitempty"` // oldest first
	Clock    Clock             `json:"clock,omitzero"`
	// Disposable is the policy by which names that are used once are recorded, in
	// one line; empty: the default one.
	Disposable string `json:"disposable,omitempty"`
}

// A Clock is what is known of the clock by which the retention goes, so that
// nothing is removed because it is wrong. Times are Unix seconds.
type Clock struct {
	Trusted int64 `json:"trusted"`         // the newest time that is believed; 0: none was seen yet
	Seen    int64 `json:"seen,omitempty"`  // the newest of a clock that is far from it; 0: it is not
	Stood   int64 `json:"stood,omitempty"` // seconds that Seen has gone on
}

// A Run is one of a store's files.
type Run struct {
	File    string `json:"file"`
	Records uint64 `json:"records"`
	First   int64  `json:"first"`
	Last    int64  `json:"last"`
	Bytes   int64  `json:"bytes"`
	Created int64  `json:"created"`
	Sum     string `json:"sum"` // XXH64 of the file, in hex
}

const magic = "passive-dns-manifest"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Load reads the manifest of a directory. The error matches os.ErrNotExist if
// there is none.
func Load(dir string) (*Manifest, error) {
	path := filepath.Join(dir, File)
	b, err := durable.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func parse(b []byte) (*Manifest, error) {
	head, body, ok := strings.Cut(string(b), "\n")
	var format int
	var sum uint32
	if n, err := fmt.Sscanf(head, magic+" %d %08x", &format, &sum); !ok || (err != nil && n < 1) {
		return nil, fmt.Errorf("%w: first line %.40q: want %q, format and checksum", ErrDamaged, head, magic)
	}
	if format != Format {
		return nil, fmt.Errorf("%w: format %d: this version reads format %d", ErrFormat, format, Format)
	}
	if got := crc32.Checksum([]byte(body), castagnoli); got != sum {
		return nil, fmt.Errorf("%w: checksum %08x where %08x is written", ErrDamaged, got, sum)
	}
	m := new(Manifest)
	if err := json.Unmarshal([]byte(body), m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, r := range m.Runs {
		if r.File != filepath.Base(r.File) || !strings.HasSuffix(r.File, ".run") {
			return nil, fmt.Errorf("%w: run file %q: want a name such as 00000001.run", ErrDamaged, r.File)
		}
	}
	return m, nil
}

// Save replaces the manifest of a directory. When it returns nil the new one is
// on disk. After an error the old one stands, unless the error matches
// durable.ErrUnsynced: then the new one counts, but after a power loss the old
// one may be back.
func (m *Manifest) Save(dir string) error {
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	body = append(body, '\n')
	head := fmt.Sprintf("%s %d %08x\n", magic, Format, crc32.Checksum(body, castagnoli))
	temp := filepath.Join(dir, File+".tmp")
	err = write(temp, append([]byte(head), body...))
	if err == nil {
		err = durable.Rename(temp, filepath.Join(dir, File))
	}
	if err != nil && !errors.Is(err, durable.ErrUnsynced) {
		os.Remove(temp)
	}
	return err
}

func write(path string, body []byte) error {
	f, err := durable.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return errors.Join(err, f.Close())
}
