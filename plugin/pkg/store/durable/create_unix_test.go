//go:build unix

package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// planted makes a link, and returns it and where it leads to, which is not there.
func planted(t *testing.T) (link, victim string) {
	t.Helper()
	victim, link = filepath.Join(t.TempDir(), "victim"), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	return link, victim
}

func create(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// TestCreateLink: a link goes, what it leads to stays.
func TestCreateLink(t *testing.T) {
	link, victim := planted(t)
	if err := os.WriteFile(victim, []byte("victim"), 0o600); err != nil {
		t.Fatal(err)
	}
	create(t, link)
	if info, err := os.Lstat(link); err != nil || !info.Mode().IsRegular() || info.Size() != 0 {
		t.Errorf("%v, %v: want an empty file", info, err)
	}
	if held, err := os.ReadFile(victim); string(held) != "victim" {
		t.Errorf("%q, %v behind the link", held, err)
	}
}

// TestCreateNewLink: a link that leads nowhere is something that is there.
func TestCreateNewLink(t *testing.T) {
	link, victim := planted(t)
	if f, err := CreateNew(link); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v, %v", f, err)
	}
	if _, err := os.Lstat(victim); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("behind the link: %v", err)
	}
}

// TestReopen: only the file that was made is opened.
func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	made := create(t, path)
	f, err := Reopen(path, made)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.Rename(path, path+".gone"); err != nil {
		t.Fatal(err)
	}
	create(t, path)
	if f, err := Reopen(path, made); err == nil {
		f.Close()
		t.Error("another file was opened")
	}
}
