package manifest

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func sample() *Manifest {
	return &Manifest{Next: 3, Since: 1, Until: 2, Recorded: 9, Dropped: map[string]uint64{"off_chain": 2},
		Runs: []Run{{File: "00000001.run", Records: 4, First: 1, Last: 2, Bytes: 4096, Created: 3, Sum: "00"}},
		Imports: []Import{
			{Octets: 70, Sum: "aa", Head: "bb", Items: 2, Extent: Whole, At: 4, Choice: []string{"RESOLVER_RESPONSE", "AUTH_RESPONSE"}},
			{Octets: 80, Sum: "cc", Head: "dd", Items: 3, Extent: Part, At: 5, Choice: []string{"port 53"}},
		}}
}

func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("empty directory: %v", err)
	}
	for next := range uint64(3) {
		m := sample()
		m.Next = next
		if err := m.Save(dir); err != nil {
			t.Fatal(err)
		}
		got, err := Load(dir)
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("got %+v, %v: want %+v", got, err, m)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files, want the manifest alone", len(files))
	}
}

// TestWithoutImports: a manifest that knows no imports is as it was before there
// were any.
func TestWithoutImports(t *testing.T) {
	dir := t.TempDir()
	m := sample()
	m.Imports = nil
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil || strings.Contains(string(b), "imports") {
		t.Errorf("%v: %s", err, b)
	}
	if got, err := Load(dir); err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v, %v: want %+v", got, err, m)
	}
}

// TestImportText pins how an import is written, and refuses what is not so.
func TestImportText(t *testing.T) {
	const text = "70 aa bb 2 whole 4 RESOLVER_RESPONSE,AUTH_RESPONSE"
	if got, err := sample().Imports[0].MarshalText(); string(got) != text || err != nil {
		t.Errorf("got %q, %v: want %q", got, err, text)
	}
	for _, bad := range []string{"", "70", "70 aa bb 2 whole 4", "70 aa bb 2 half 4 x", "70 aa bb x whole 4 x", "-1 aa bb 2 whole 4 x"} {
		if err := new(Import).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q: taken", bad)
		}
	}
}

func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	if err := sample().Save(dir); err != nil {
		t.Fatal(err)
	}
	// A directory in the place of the temporary file stands in for a full disk.
	if err := os.MkdirAll(filepath.Join(dir, File+".tmp", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	m := sample()
	m.Next = 77
	if err := m.Save(dir); err == nil {
		t.Error("saved")
	}
	if got, err := Load(dir); err != nil || got.Next != 3 {
		t.Errorf("the old manifest is %+v, %v", got, err)
	}
}

// FuzzParse reads anything as a manifest: no panic, and no run outside the
// directory.
func FuzzParse(f *testing.F) {
	dir := f.TempDir()
	if err := sample().Save(dir); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("passive-dns-manifest 1 00000000\n"))
	f.Add([]byte("passive-dns-manifest 1 zz\n{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parse(b)
		if err != nil {
			return
		}
		for _, r := range m.Runs {
			if filepath.Base(r.File) != r.File {
				t.Errorf("run %q", r.File)
			}
		}
	})
}
