package keys_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"example.org/pdns/plugin/pkg/httpapi/keys"
)

func TestAddAndRemove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	text, err := keys.Add(path, "a", "quota=5/day")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %s, %v, want that the owner alone can read it", info.Mode(), err)
	}
	f, err := keys.Open(path, keys.Terms{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if g, err := f.Check(t.Context(), text); err != nil || g.Quota != 5 {
		t.Errorf("%s: %v, %v", text, g, err)
	}
	if again, err := keys.Add(path, "b"); err != nil || strings.TrimPrefix(again, "b.") == strings.TrimPrefix(text, "a.") {
		t.Errorf("%s, %v", again, err)
	}
	if err := keys.Remove(path, "a"); err != nil {
		t.Fatal(err)
	}
	if list, errs := keys.Read(path); len(list) != 1 || list[0].Name != "b" || len(errs) > 0 {
		t.Errorf("%v, %v, want b alone", list, errs)
	}
}

// TestAddWrong: a file is as it was, and not made where there is none.
func TestAddWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{""}, "name: want up to 64"},
		{[]string{"a.b"}, "name: want up to 64 of a to z, 0 to 9, _ and -"},
		{[]string{"a b"}, "hash: want argon2id"},
		{[]string{"#a"}, "name: want one"},
		{[]string{"a", "quota=5"}, `quota "5": want requests in a window`},
		{[]string{"a", "limit=1\nb"}, "a field is none that is known"},
		{[]string{"a", "limit=1\n#"}, "want one line"},
	} {
		if _, err := keys.Add(path, c.fields[0], c.fields[1:]...); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.fields, err, c.want)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	lines := "a " + cheap("s") + "\nb x\n"
	for name, want := range map[string]string{"a": ":2: hash", "c": ":2: hash"} {
		write(t, path, strings.TrimSuffix(lines, "\n"))
		if _, err := keys.Add(path, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if b, _ := os.ReadFile(path); string(b) != lines {
			t.Errorf("%s: the file became\n%s", name, b)
		}
	}
	write(t, path, "a "+cheap("s"))
	if _, err := keys.Add(path, "a"); err == nil || !strings.HasSuffix(err.Error(), ":2: name a: line 1 has it already") {
		t.Errorf("%v, want that there is one", err)
	}
}

// TestLastLine: a line that has no end gets one.
func TestLastLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte("a "+cheap("s")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Add(path, "b"); err != nil {
		t.Fatal(err)
	}
	if list, errs := keys.Read(path); len(list) != 2 || len(errs) > 0 {
		t.Errorf("%v, %v, want two", list, errs)
	}
}

// TestRemoveRest: all that is not the key's stays: comments, what is malformed, the
// mode, and the link by which the file was named.
func TestRemoveRest(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "keys"), filepath.Join(dir, "link")
	write(t, path, "# a", "a x", "", "ab y", " a "+cheap("s")+" # twice")
	if err := errors.Join(os.Chmod(path, 0o640), os.Symlink(path, link)); err != nil {
		t.Skip(err)
	}
	if err := keys.Remove(link, "a"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if want := "# a\n\nab y\n"; err != nil || string(b) != want {
		t.Errorf("%v, left\n%s\nwant\n%s", err, b, want)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := keys.Remove(link, "a"); err == nil || err.Error() != path+`: no key has the name "a"` {
		t.Errorf("%v, want that there is none", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("left %v", left)
	}
}

// TestAddTogether: no key is lost where several are added at once.
func TestAddTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			if _, err := keys.Add(path, name); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list, errs := keys.Read(path); len(list) != 4 || len(errs) > 0 {
		t.Errorf("%v, %v, want four", list, errs)
	}
}

// TestEditTogether: no key is lost where some are added while others are removed.
func TestEditTogether(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("directories cannot be locked")
	}
	path := filepath.Join(t.TempDir(), "keys")
	var all sync.WaitGroup
	const n = 8
	for i := range n {
		if _, err := keys.Add(path, fmt.Sprintf("old%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		all.Go(func() {
			if _, err := keys.Add(path, fmt.Sprintf("new%d", i)); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if err := keys.Remove(path, fmt.Sprintf("old%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, errs := keys.Read(path)
	if len(errs) > 0 || len(list) != n {
		t.Fatalf("%d keys, %v, want %d", len(list), errs, n)
	}
	for _, k := range list {
		if !strings.HasPrefix(k.Name, "new") {
			t.Errorf("%s is still there", k.Name)
		}
	}
}
