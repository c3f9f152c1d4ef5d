package dnstap

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	framestream "github.com/farsightsec/golang-framestream"

	"example.org/pdns/plugin/pkg/intake"
)

// ContentType is what a frame stream of dnstap says that its frames are.
const ContentType = "protobuf:dnstap.Dnstap"

// MaxFrame is how long a frame may be, in octets: a query and a response of 64
// KiB each, and what is told beside them.
const MaxFrame = 136 << 10

// maxIdle is how many control frames, and frames that are too long or too short to
// hold anything, may follow one another: they cost the reader, and give it nothing.
const (
	maxIdle  = 100
	minFrame = 32
)

// ErrStream is wrapped by errors about octets that are no frame stream of dnstap.
var ErrStream = errors.New("no dnstap frame stream")

// A Stream is frames, one after another, from a socket or a file
// (https://farsightsec.github.io/fstrm). It is not safe for concurrent use.
//
// The caller waits for a frame with Wait, and then moves what is at hand with
// Fill: so it holds a batch only for as long as copying takes, however slow the
// sender is.
type Stream struct {
	// Await, if set, is called by Wait before each frame, of whatever kind, with
	// whether some of it is at hand: what is read next is in the midst of a frame or
	// between two. A sender may be silent for ever in the one place only.
	Await func(begun bool)

	r     *bufio.Reader
	reply *bufio.Writer // nil for a sender that wants no reply
	ready int           // octets of the frame that Wait has found
	idle  int           // frames without data since the last one with it
	count Counts
}

// Counts are what has been read of a stream.
type Counts struct {
	Frames    uint64
	Oversized uint64 // frames of more than MaxFrame, skipped
}

// NewStream reads the beginning of a frame stream. Whether it is that of a sender
// that waits for replies, or of one that just sends, is told from its first
// frame. Replies go to w; without w only the latter will do.
func NewStream(r io.Reader, w io.Writer) (*Stream, error) {
	s := &Stream{r: bufio.NewReaderSize(r, MaxFrame+4)}
	if err := s.begin(w); err != nil {
		return nil, err
	}
	return s, nil
}

// begin goes through the handshake.
func (s *Stream) begin(w io.Writer) error {
	first, err := s.control()
	if err != nil {
		return err
	}
	if first.ControlType == framestream.CONTROL_READY {
		if w == nil {
			return fmt.Errorf("%w: a sender that waits for a reply, which cannot be given here", ErrStream)
		}
		s.reply = bufio.NewWriter(w)
		if _, ok := first.ChooseContentType([][]byte{[]byte(ContentType)}); !ok {
			return wrongContent(first)
		}
		accept := framestream.ControlAccept
		accept.SetContentType([]byte(ContentType))
		if err := accept.EncodeFlush(s.reply); err != nil {
			return err
		}
		if first, err = s.control(); err != nil {
			return err
		}
	}
	switch {
	case first.ControlType != framestream.CONTROL_START:
		return fmt.Errorf("%w: control frame %d, want START", ErrStream, first.ControlType)
	case !first.MatchContentType([]byte(ContentType)):
		return wrongContent(first)
	}
	return nil
}

func wrongContent(c *framestream.ControlFrame) error {
	return fmt.Errorf("%w: content type %.80q, want %q", ErrStream, c.ContentTypes, ContentType)
}

// control reads a control frame, with the escape before it.
func (s *Stream) control() (*framestream.ControlFrame, error) {
	c := new(framestream.ControlFrame)
	err := c.DecodeEscape(s.r)
	if errors.Is(err, framestream.ErrDecode) {
		return nil, fmt.Errorf("%w: want a control frame", ErrStream)
	}
	return c, err
}

// Wait returns when a whole frame is at hand. The error is io.EOF where the
// stream ends as it should, and io.ErrUnexpectedEOF where it is cut off.
func (s *Stream) Wait() error {
	for {
		if s.idle > maxIdle {
			s.ready = 0
			return fmt.Errorf("%w: %d frames in a row that hold nothing", ErrStream, s.idle)
		}
		if s.ready > 0 {
			return nil
		}
		if s.Await != nil {
			s.Await(s.r.Buffered() > 0)
		}
		head, err := s.r.Peek(4)
		if err != nil {
			if err == io.EOF && len(head) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		switch n := int64(binary.BigEndian.Uint32(head)); {
		case n == 0:
			err = s.end()
		case n > MaxFrame:
			err = s.skip(n)
		default:
			if _, err = s.r.Peek(4 + int(n)); err == nil {
				s.found(int(n))
			}
			err = cutOff(err)
		}
		if err != nil {
			return err
		}
	}
}

// found notes that a frame of n octets is at hand.
func (s *Stream) found(n int) {
	if s.ready = n; n >= minFrame {
		s.idle = 0
	} else {
		s.idle++
	}
}

// skip passes over a frame of n octets that is too long.
func (s *Stream) skip(n int64) error {
	s.idle++
	s.count.Oversized++
	_, err := io.CopyN(io.Discard, s.r, 4+n)
	return cutOff(err)
}

func cutOff(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// end reads a control frame between data frames: the last one, or one that is not
// known, which is passed over. Files that were put behind one another go on with
// the beginning of the next.
func (s *Stream) end() error {
	s.idle++
	c, err := s.control()
	if err != nil {
		return cutOff(err)
	}
	if c.ControlType != framestream.CONTROL_STOP {
		return nil
	}
	if s.reply != nil {
		finish := framestream.ControlFrame{ControlType: framestream.CONTROL_FINISH}
		finish.EncodeFlush(s.reply) // a sender that has said that it is done may be gone
		return io.EOF
	}
	return nil
}

// Fill moves the frame that Wait has found, and those that are whole behind it,
// into b, until b is full. It never waits.
func (s *Stream) Fill(b *intake.Batch) {
	for s.ready > 0 && s.idle <= maxIdle && !b.Full(s.ready) {
		s.r.Discard(4)
		io.ReadFull(s.r, b.Extend(s.ready, time.Time{})) // it is all in the buffer
		s.count.Frames++
		if s.ready = s.next(); s.ready > 0 {
			s.found(s.ready)
		}
	}
}

// next is the length of the data frame that comes next, if it is all at hand, or
// else 0.
func (s *Stream) next() int {
	if s.r.Buffered() < 4 {
		return 0
	}
	head, _ := s.r.Peek(4)
	if n := int64(binary.BigEndian.Uint32(head)); 0 < n && n <= int64(s.r.Buffered()-4) {
		return int(n)
	}
	return 0
}

// Counts returns what has been read so far.
func (s *Stream) Counts() Counts { return s.count }
