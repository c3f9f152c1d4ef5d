package observation

import "iter"

// A Reason says why a message, or an RRset of a message, was left out.
type Reason uint8

// The reasons. Their names are labels of metrics and keys of a store's coverage.
const (
	kept Reason = iota

	// Of what a message came in.
	MalformedFrame // it is no dnstap
	OversizedFrame // it is longer than two messages
	NoMessage      // it holds no response
	MessageType    // dnstap of a type that was not chosen
	Policy         // a response policy zone had its say in the answer

	// Of a message.
	Malformed        // it is not as RFC 1035 has it
	BadTime          // it came at no time, before there was DNS, in the future, or is too old to be kept
	NotResponse      // it is a query
	Opcode           // it is no answer to a standard query
	NoQuestion       // it has no question, or several
	QuestionMismatch // it answers another question than the one that was put
	Truncated        // the rest came over TCP, or never
	Rcode            // it is an error, or contradicts itself
	ECS              // it was tailored to a client's network

	// Of a message or an RRset.
	Class         // class other than IN
	MetaType      // a type that is no data in a zone
	MalformedName // an owner or question that is no name

	// Of an RRset.
	OffChain       // it is not what was asked for
	OutOfBailiwick // the server does not speak for its owner
	Additional     // additional data that is not known to be glue
	Referral       // delegation by a server that cannot delegate there
	DNSSECType     // a type that only serves DNSSEC
	Excluded       // it lies in an excluded zone
	MalformedRdata // rdata that does not fit its type
	Oversized      // more rdata than any message holds uncompressed
	TooMany        // a record beyond what is looked at of a section

	endOfReasons
)

var reasonNames = [endOfReasons]string{
	kept:             "kept",
	MalformedFrame:   "malformed_frame",
	OversizedFrame:   "oversized_frame",
	NoMessage:        "no_message",
	MessageType:      "message_type",
	Policy:           "policy",
	Malformed:        "malformed_message",
	BadTime:          "bad_time",
	NotResponse:      "not_response",
	Opcode:           "opcode",
	NoQuestion:       "no_question",
	QuestionMismatch: "question_mismatch",
	Truncated:        "truncated",
	Rcode:            "rcode",
	ECS:              "ecs",
	Class:            "class",
	MetaType:         "meta_type",
	MalformedName:    "malformed_name",
	OffChain:         "off_chain",
	OutOfBailiwick:   "out_of_bailiwick",
	Additional:       "additional",
	Referral:         "referral",
	DNSSECType:       "dnssec_type",
	Excluded:         "excluded",
	MalformedRdata:   "malformed_rdata",
	Oversized:        "oversized",
	TooMany:          "too_many",
}

// Reasons is above every Reason: the length of an array that one indexes.
const Reasons = int(endOfReasons)

// String is the name of r in metrics and coverage.
func (r Reason) String() string {
	if r < endOfReasons {
		return reasonNames[r]
	}
	return "unknown"
}

// AllReasons are the reasons, in order.
func AllReasons() iter.Seq[Reason] {
	return func(yield func(Reason) bool) {
		for r := kept + 1; r < endOfReasons && yield(r); r++ {
		}
	}
}
