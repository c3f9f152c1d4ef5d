package dnstap

import (
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A Taker observes the events that count. It is safe for concurrent use.
type Taker struct {
	Observer *observation.Observer
	Types    Types       // of the messages that count
	Source   rrset.Marks // FromDnstap or FromImport
	// Sensor, if set, is told the identity of the sender with each event; it is
	// valid during the call only.
	Sensor func(identity []byte)
	// NotChosen, if set, is told the type of each event that Types leaves out.
	NotChosen func(Type)
	// Defect, if set, is told of a panic, which then ends one frame alone.
	Defect func(v any)
}

// Take observes the frames of a batch, which it may change, and gives to sink
// what is observed, and why frames are left out.
func (t *Taker) Take(b *intake.Batch, sink observation.Sink) {
	var e Event
	for frame := range b.All {
		t.frame(frame, &e, sink)
	}
}

func (t *Taker) frame(frame []byte, e *Event, sink observation.Sink) {
	if t.Defect != nil {
		defer func() {
			if v := recover(); v != nil {
				t.Defect(v)
			}
		}()
	}
	if Parse(frame, e) != nil {
		sink.Drop(observation.MalformedFrame)
		return
	}
	if t.Sensor != nil {
		t.Sensor(e.Identity)
	}
	switch {
	case !t.Types.Has(e.Type):
		sink.Drop(observation.MessageType)
		if t.NotChosen != nil {
			t.NotChosen(e.Type)
		}
	case e.Response == nil:
		sink.Drop(observation.NoMessage)
	case e.Policy:
		sink.Drop(observation.Policy)
	case e.Zone != nil && rrset.Canonicalize(e.Zone) != nil:
		// Without its zone the message would be believed about more than with it.
		sink.Drop(observation.MalformedFrame)
	default:
		t.Observer.Observe(observation.Message{Wire: e.Response, Time: e.Time, Source: t.Source, Zone: e.Zone}, sink)
	}
}
