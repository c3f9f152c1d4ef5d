package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// followed follows a file until it will not grow any more.
func followed(t *testing.T, path string) (all <-chan string) {
	im := newImporter(&program{err: io.Discard}, importOptions{follow: true})
	in, err := im.p.input(t.Context(), path)
	check(t, err)
	f, err := im.newFollower(t.Context(), path, in)
	check(t, err)
	ended := make(chan string, 1)
	go func() {
		defer in.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Error(err)
		}
		ended <- string(b)
	}()
	synctest.Wait()
	return ended
}

// TestFollowRenamed: what is written to a file behind its renaming is taken, also if
// something that is no file has its name meanwhile.
func TestFollowRenamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		file, err := os.Create(path)
		check(t, err)
		defer file.Close()
		write := func(text string) {
			_, err := file.WriteString(text)
			check(t, err)
		}
		write("one ")
		ended := followed(t, path)
		check(t, os.Rename(path, path+".1"))
		check(t, os.Mkdir(path, 0o700))
		<-time.After(time.Hour)
		write("two ")
		check(t, os.Remove(path))
		check(t, os.WriteFile(path, []byte("new"), 0o600))
		for _, text := range []string{"three ", "four "} {
			<-time.After(rest - time.Second)
			write(text)
		}
		if got := <-ended; got != "one two three four " {
			t.Errorf("read %q", got)
		}
	})
}

// TestFollowCut: of a file that was cut and filled again nothing is taken from where
// the old one would have gone on.
func TestFollowCut(t *testing.T) {
	for name, text := range map[string]string{"shorter": "new", "longer": strings.Repeat("new ", 100)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "file")
				old := strings.Repeat("old ", 50)
				check(t, os.WriteFile(path, []byte(old), 0o600))
				ended := followed(t, path)
				check(t, os.WriteFile(path, []byte(text), 0o600))
				if got := <-ended; got != old {
					t.Errorf("read %q", got)
				}
			})
		})
	}
}

// TestSuccessor: a name that nothing has, or that of a directory, will be that of a
// file.
func TestSuccessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		im := newImporter(&program{err: io.Discard}, importOptions{follow: true})
		path := filepath.Join(t.TempDir(), "file")
		ctx, cancel := context.WithCancel(t.Context())
		found := make(chan *input)
		wait := func() {
			in, _ := im.successor(ctx, path)
			found <- in
		}
		go wait()
		<-time.After(time.Minute)
		check(t, os.Mkdir(path, 0o700))
		<-time.After(time.Minute)
		check(t, os.Remove(path))
		check(t, os.WriteFile(path, nil, 0o600))
		in := <-found
		if in == nil {
			t.Fatal("no file")
		}
		check(t, in.Close())
		check(t, os.Remove(path))
		go wait()
		cancel()
		if in := <-found; in != nil {
			t.Error("found what is not there")
		}
	})
}
