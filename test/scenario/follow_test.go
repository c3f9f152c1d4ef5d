package scenario

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/cockroachdb/datadriven"
)

// A following is something that goes on telling: an answer over HTTP, or the command.
type following struct {
	end func() string

	mu    sync.Mutex
	lines []string
}

// follow asks the server for PATH, or runs the command with arguments, as "follow pdns
// ARGUMENTS", and goes on reading what that tells, in place of what was followed before.
func (s *scenario) follow(d *datadriven.TestData) (string, error) {
	w := words(d)
	if w[0] == "pdns" {
		return "", s.followCommand(w[1:])
	}
	answer, err := http.Get("http://" + s.web + w[0])
	if err != nil {
		return "", err
	}
	f := &following{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.read(answer.Body)
	}()
	f.end = func() string {
		answer.Body.Close()
		<-done
		return ""
	}
	s.followed(f)
	if answer.StatusCode != http.StatusOK {
		return answer.Status, nil
	}
	return "", nil
}

func (s *scenario) followCommand(args []string) error {
	cmd := s.command(args)
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, in
	if err := cmd.Start(); err != nil {
		return err
	}
	f := &following{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.read(out)
	}()
	f.end = sync.OnceValue(func() string {
		err := cmd.Process.Signal(os.Interrupt)
		if wait := cmd.Wait(); err == nil {
			err = wait
		}
		in.Close()
		<-done
		if err != nil {
			return err.Error()
		}
		return "exit 0"
	})
	s.followed(f)
	return nil
}

func (s *scenario) followed(f *following) {
	if s.following != nil {
		s.following.end()
	}
	s.following = f
	s.t.Cleanup(func() { f.end() })
}

// read keeps lines, of those that say again that this goes on the first.
func (f *following) read(in io.Reader) {
	lines := bufio.NewScanner(in)
	last := ""
	for lines.Scan() {
		if line := lines.Text(); line != last || !strings.HasPrefix(line, `{"cond":"ongoing"`) {
			last = line
			f.mu.Lock()
			f.lines = append(f.lines, line)
			f.mu.Unlock()
		}
	}
}

// told shows what was told so far.
func (s *scenario) told(*datadriven.TestData) (string, error) {
	if s.following == nil {
		return "", fmt.Errorf("nothing is followed")
	}
	s.following.mu.Lock()
	defer s.following.mu.Unlock()
	return strings.Join(s.following.lines, "\n"), nil
}

// unfollow ends what is followed, the command as ^C does, and shows how that ended.
func (s *scenario) unfollow(*datadriven.TestData) (string, error) {
	if s.following == nil {
		return "", fmt.Errorf("nothing is followed")
	}
	return s.following.end(), nil
}
