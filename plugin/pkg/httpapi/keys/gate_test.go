package keys_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"example.org/pdns/plugin/pkg/httpapi/keys"
)

// tries are checks that were asked for at once.
type tries chan error

// try checks the secrets of a name n times at once, all different, and returns when
// all of them wait.
func (f *followed) try(name string, n int) tries {
	results := make(tries, n)
	for i := range n {
		f.ask(fmt.Sprintf("%s.guess%d", name, i), results)
	}
	synctest.Wait()
	return results
}

func (f *followed) ask(key string, results tries) {
	go func() {
		_, err := f.Check(f.t.Context(), key)
		results <- err
	}()
}

// results are what came of all tries.
func (r tries) results() map[error]int {
	got := map[error]int{}
	for range cap(r) {
		got[<-r]++
	}
	return got
}

func sameResults(t *testing.T, what string, got, want map[error]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestGuessing: whoever guesses at a name, or at names that there are not, gets the
// turns of one name, and who has another key is checked.
func TestGuessing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, keys.Terms{}, "a "+cheap("s"), "b "+cheap("s"), "c "+cheap("s"))
		f.check("a.s", nil)
		const guesses = 100
		good := make(tries, guesses)
		var nobody, named tries
		f.Hold(func() {
			named = f.try("c", guesses)
			nobody = make(tries, guesses)
			for i := range guesses {
				f.ask(fmt.Sprintf("nobody%d.s", i), nobody)
			}
			synctest.Wait()
			for range guesses {
				f.ask("b.s", good) // they share a check
			}
			synctest.Wait()
			f.check("a.s", nil) // it is remembered
			if len(named) != guesses-keys.MostOfName || len(nobody) != guesses-keys.MostOfName {
				t.Errorf("%d and %d guesses were told to ask later, want all but %d", len(named), len(nobody), keys.MostOfName)
			}
		})
		few := map[error]int{keys.ErrBusy: guesses - keys.MostOfName, keys.ErrUnknown: keys.MostOfName}
		sameResults(t, "guesses at a name", named.results(), few)
		sameResults(t, "guesses at no name", nobody.results(), few)
		sameResults(t, "a good key", good.results(), map[error]int{nil: guesses})
	})
}

// TestTurns: a key of another name is checked while names rest at which many guess,
// and those that there are not.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, keys.Terms{}, "a "+cheap("s"), "b "+cheap("s"))
		wear(f, "a")
		wear(f, "nobody")
		var named, nobody tries
		f.Hold(func() {
			named, nobody = f.try("a", keys.MostOfName), f.try("nobody", keys.MostOfName)
		})
		began := time.Now()
		f.check("b.s", nil)
		if took := time.Since(began); took != 0 {
			t.Errorf("another key waited for %v, want that it does not wait for names that rest", took)
		}
		named.results()
		nobody.results()
	})
}

// wear tries as many wrong secrets of a name as cost no time.
func wear(f *followed, name string) {
	f.t.Helper()
	began := time.Now()
	for i := range 10 {
		f.check(fmt.Sprintf("%s.wrong%d", name, i), keys.ErrUnknown)
	}
	if took := time.Since(began); took != 0 {
		f.t.Errorf("%s: the first wrong secrets took %v, want no rest", name, took)
	}
}

// TestRest: a name rests after many wrong secrets, whether there is one or not, and
// over a change of the file. A good one is not slower for it, and time forgives.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, keys.Terms{}, "a "+cheap("s"))
		took := func(secret string, err error, want time.Duration) {
			t.Helper()
			began := time.Now()
			f.check(secret, err)
			if took := time.Since(began); took != want {
				t.Errorf("%s took %v, want %v", secret, took, want)
			}
		}
		for _, name := range []string{"a", "nobody"} {
			wear(f, name)
			took(name+".wrong", keys.ErrUnknown, time.Second/4)
			f.change("a " + cheap("t") + " # " + name)
			took(name+".wrong", keys.ErrUnknown, time.Second/4)
		}
		took("a.t", nil, 0)
		time.Sleep(10 * time.Second)
		wear(f, "a")
	})
}

// TestBusyIsTold: of a name that rests no more are told to wait than may.
func TestBusyIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, keys.Terms{}, "a "+cheap("s"))
		wear(f, "a")
		waiting := f.try("a", keys.MostOfName)
		if _, err := f.Check(t.Context(), "a.s"); !errors.Is(err, keys.ErrBusy) {
			t.Errorf("%v, want that too many are checked", err)
		}
		sameResults(t, "guesses", waiting.results(), map[error]int{keys.ErrUnknown: keys.MostOfName})
		f.check("a.s", nil)
	})
}
