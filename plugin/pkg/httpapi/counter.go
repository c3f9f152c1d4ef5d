package httpapi

import (
	"net/http"
	"time"
)

// stall is how long a client may take to read what is sent.
const stall = 30 * time.Second

// A counter knows what was answered, and ends the answer of a client that does not
// read it.
type counter struct {
	http.ResponseWriter
	stall  time.Duration
	status int
	bytes  int64
	failed bool // not all could be sent
}

func (c *counter) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	c.within(c.stall)
	n, err := c.ResponseWriter.Write(b)
	c.within(0)
	c.bytes += int64(n)
	c.failed = c.failed || err != nil
	return n, err
}

// FlushError sends what was written; http.ResponseController calls it.
func (c *counter) FlushError() error {
	c.within(c.stall)
	defer c.within(0)
	err := http.NewResponseController(c.ResponseWriter).Flush()
	c.failed = c.failed || err != nil
	return err
}

// within bounds the time of what is written next; 0 takes the bound away. By HTTP/2
// it would end the answer while nothing is written, too, as it may be that nothing
// is found for a while.
func (c *counter) within(d time.Duration) {
	var end time.Time
	if d > 0 {
		end = time.Now().Add(d)
	}
	// Not every writer has a deadline: those of tests have none.
	http.NewResponseController(c.ResponseWriter).SetWriteDeadline(end)
}

// Unwrap is for http.ResponseController.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
