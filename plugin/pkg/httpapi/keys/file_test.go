package keys_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi/keys"
)

// A followed is a file of keys whose changes are seen when a test says so.
type followed struct {
	*keys.File
	t    *testing.T
	path string
	told []string
}

func follow(t *testing.T, terms keys.Terms, lines ...string) *followed {
	t.Helper()
	f := &followed{t: t, path: filepath.Join(t.TempDir(), "keys")}
	write(t, f.path, lines...)
	var err error
	f.File, err = keys.OpenTicking(f.path, terms, f.complain, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (f *followed) complain(err error) {
	f.told = append(f.told, strings.ReplaceAll(err.Error(), f.path, "FILE"))
}

// look has the file looked at twice.
func (f *followed) look() {
	f.Look()
	f.Look()
}

// change replaces the lines of the file and has it looked at.
func (f *followed) change(lines ...string) {
	f.t.Helper()
	write(f.t, f.path, lines...)
	f.look()
}

// check checks a secret.
func (f *followed) check(secret string, want error) *keys.Grant {
	f.t.Helper()
	g, err := f.Check(context.Background(), secret)
	if !errors.Is(err, want) || (g == nil) != (want != nil) {
		f.t.Fatalf("%s: %v, %v, want %v", secret, g, err, want)
	}
	return g
}

// complaints are those since the last time.
func (f *followed) complaints(want ...string) {
	f.t.Helper()
	if strings.Join(f.told, "\n") != strings.Join(want, "\n") {
		f.t.Errorf("complaints\n%s\nwant\n%s", strings.Join(f.told, "\n"), strings.Join(want, "\n"))
	}
	f.told = nil
}

func TestCheck(t *testing.T) {
	f := follow(t, keys.Terms{Limit: 7, Rate: 3},
		"soc "+cheap("s.1:2")+" limit=9",
		"crypt "+crypted(t, "pass"),
		"old "+cheap("s")+" expires=2001-01-01",
		"burst "+cheap("s")+" rate=20/s",
	)
	if g := f.check("soc:s.1:2", nil); g.Name != "soc" || g.Limit != 9 || g.Rate != 3 || g.Burst != 3 {
		t.Errorf("%s may %+v", g.Name, g.Terms)
	}
	if f.check("soc.s.1:2", nil) != f.check("soc:s.1:2", nil) {
		t.Error("the two forms of a key are two")
	}
	for range 2 { // the second time it is remembered
		if g := f.check("crypt.pass", nil); g.Limit != 7 {
			t.Errorf("%s may %+v", g.Name, g.Terms)
		}
	}
	if g := f.check("burst.s", nil); g.Rate != 20 || g.Burst != 20 {
		t.Errorf("%s may %+v", g.Name, g.Terms)
	}
	f.check("old.s", keys.ErrExpired)
	for _, wrong := range []string{
		"", "soc", "soc.", "soc.s", "soc.s.1:2 ", "socs.1:2", ".s", "SOC.s.1:2", "crypt.Pass", "old.t", "nobody.s",
		"soc.s.1:2\x00", "soc\x00s.1:2", "soc." + strings.Repeat("s", 300),
	} {
		f.check(wrong, keys.ErrUnknown)
	}
	f.complaints()
}

// TestNoKeys: a file may be empty, and then nobody may ask.
func TestNoKeys(t *testing.T) { follow(t, keys.Terms{}, "# none").check("a.s", keys.ErrUnknown) }

// TestExpires: a key that was good is no longer when its time has come.
func TestExpires(t *testing.T) {
	now := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)
	clock.Set(func() time.Time { return now })
	defer clock.Set(nil)
	f := follow(t, keys.Terms{}, "a "+cheap("s")+" expires=2027-01-01")
	f.check("a.s", nil)
	now = now.Add(time.Second)
	f.check("a.s", keys.ErrExpired)
}

func TestChange(t *testing.T) {
	f := follow(t, keys.Terms{}, "a "+cheap("s")+" quota=2/day", "b "+cheap("s"), "c "+cheap("s"))
	a, b, c := f.check("a.s", nil), f.check("b.s", nil), f.check("c.s", nil)
	spend(t, a, noon, nil)
	spend(t, a, noon, nil)
	f.look()
	if f.check("a.s", nil) != a {
		t.Error("a file that did not change was taken")
	}

	f.change("a "+cheap("s")+" quota=3/day", "b "+cheap("new"), "d "+cheap("s"))
	renewed := f.check("a.s", nil)
	spend(t, renewed, noon, nil)
	spend(t, renewed, noon, keys.ErrQuota)
	spend(t, a, noon, keys.ErrQuota)
	for _, g := range []*keys.Grant{b, c} {
		if err := g.Valid(noon); err != keys.ErrRevoked {
			t.Errorf("%s: %v, want that it is revoked", g.Name, err)
		}
	}
	f.check("b.s", keys.ErrUnknown)
	f.check("b.new", nil)
	f.check("c.s", keys.ErrUnknown)
	f.check("d.s", nil)
	f.complaints()
}

// TestMalformedChange: the keys stay as they were, which is said once.
func TestMalformedChange(t *testing.T) {
	f := follow(t, keys.Terms{}, "a "+cheap("s"))
	const wrong = `FILE:2: limit "x": want a whole number from 1 on; the keys stay as they were`
	f.change("b "+cheap("s"), "c "+cheap("s")+" limit=x")
	f.look()
	f.complaints(wrong)
	f.check("a.s", nil)
	f.check("b.s", keys.ErrUnknown)

	f.change("a " + cheap("s")) // as it was
	f.complaints()
	f.change("b "+cheap("s"), "c "+cheap("s")+" limit=x")
	f.complaints(wrong)

	if err := os.Remove(f.path); err != nil {
		t.Fatal(err)
	}
	f.look()
	f.complaints("stat FILE: no such file or directory; the keys stay as they were")
	f.check("a.s", nil)
	f.change("b " + cheap("s"))
	f.check("b.s", nil)
	f.complaints()
}

// TestTicks: the file is looked at by itself until it is closed.
func TestTicks(t *testing.T) {
	path, tick := filepath.Join(t.TempDir(), "keys"), make(chan time.Time)
	write(t, path, "a "+cheap("s"))
	f, err := keys.OpenTicking(path, keys.Terms{}, nil, tick)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, "b "+cheap("s"))
	for range 3 { // when the third is taken, the second is done with
		tick <- time.Time{}
	}
	if _, err := f.Check(t.Context(), "b.s"); err != nil {
		t.Error(err)
	}
	f.Close()
	select {
	case tick <- time.Time{}:
		t.Error("it is still looked at")
	default:
	}
}

// TestHalfWritten: what may be but a part of a change is not taken.
func TestHalfWritten(t *testing.T) {
	a, b := "a "+cheap("s"), "b "+cheap("s")
	f := follow(t, keys.Terms{}, a, b)
	g := f.check("b.s", nil)
	for i := range 10 {
		write(t, f.path, a, strings.Repeat("#", i))
		f.Look()
	}
	write(t, f.path, a)
	f.Look()
	write(t, f.path, a, b)
	f.look()
	write(t, f.path, a)
	f.Look()
	if err := g.Valid(noon); err != nil {
		t.Errorf("%v, want that the key stays", err)
	}
	f.change(a)
	f.check("b.s", keys.ErrUnknown)
}

func TestExposed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no mode")
	}
	f := follow(t, keys.Terms{}, "a "+cheap("s"))
	mode := func(mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(f.path, mode); err != nil {
			t.Fatal(err)
		}
		f.look()
	}
	const exposed = "FILE: others than its owner can read it: want mode 0600"
	mode(0o640)
	f.complaints(exposed)
	f.check("a.s", nil)
	mode(0o600)
	f.complaints()
	mode(0o604)
	f.complaints(exposed)
}

// TestClose: keys are of no use then, and closing again does nothing.
func TestClose(t *testing.T) {
	f := follow(t, keys.Terms{}, "a "+cheap("s"))
	g := f.check("a.s", nil)
	for range 2 {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	spend(t, g, noon, keys.ErrRevoked)
	f.check("a.s", keys.ErrUnknown)
}

// TestAway: who goes away while his key is checked is not waited for.
func TestAway(t *testing.T) {
	f := follow(t, keys.Terms{}, "a "+cheap("s"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f.Hold(func() {
		if _, err := f.Check(ctx, "a.s"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that the context ended", err)
		}
	})
}

// TestTogether: checks while the file changes.
func TestTogether(t *testing.T) {
	a, b := "a "+cheap("s"), "b "+cheap("s")
	f := follow(t, keys.Terms{}, a)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				g, err := f.Check(context.Background(), "a.s")
				if err != nil {
					t.Error(err)
					return
				}
				g.Spend(noon)
			}
		})
	}
	for range 10 {
		f.change(a, b)
		f.change(a + " quota=100/day")
	}
	wg.Wait()
}

// TestQuotaOfFile: who opens a file anew, as a Corefile that is reloaded does, does
// not give quotas back, and ends nothing for others when it is closed.
func TestQuotaOfFile(t *testing.T) {
	f := follow(t, keys.Terms{}, "a "+cheap("s")+" quota=3/day")
	g := f.check("a.s", nil)
	spend(t, g, noon, nil)
	next, err := keys.OpenTicking(f.path, keys.Terms{}, f.complain, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	again, err := next.Check(t.Context(), "a.s")
	if err != nil {
		t.Fatal(err)
	}
	spend(t, again, noon, nil)
	spend(t, g, noon, nil)
	spend(t, again, noon, keys.ErrQuota)
	f.Close()
	if err := again.Valid(noon); err != nil {
		t.Error(err)
	}
	if s, ok := again.Standing(noon); !ok || s.Remaining != 0 {
		t.Errorf("%+v, want that nothing is left", s)
	}
}
