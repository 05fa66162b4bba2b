// Command main serves calls of the AWS client for Go over lines of JSON, as driver.mjs does for Node.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	awsclient "github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/mobileanalytics"
)

type call struct {
	ID        int               `json:"id"`
	Call      string            `json:"call"`
	Arguments []json.RawMessage `json:"arguments"`
}

type options struct {
	Endpoint, Region, AccessKeyID, SecretAccessKey, SessionToken string
	MaxRetries                                                   *int
}

type answer map[string]any

var client *mobileanalytics.MobileAnalytics

func start(given options) {
	retries := 2
	if given.MaxRetries != nil {
		retries = *given.MaxRetries
	}
	retryer := awsclient.DefaultRetryer{NumMaxRetries: retries, MinRetryDelay: 300 * time.Millisecond}
	client = mobileanalytics.New(session.Must(session.NewSession(&aws.Config{
		Endpoint:    aws.String(given.Endpoint),
		Region:      aws.String(given.Region),
		Credentials: credentials.NewStaticCredentials(given.AccessKeyID, given.SecretAccessKey, given.SessionToken),
		Retryer:     retryer,
	})))
}

// putEvents sends once, with the SDK's own retries, and says how often the request went out.
func putEvents(input *mobileanalytics.PutEventsInput) answer {
	sent := 0
	call, _ := client.PutEventsRequest(input)
	call.Handlers.Send.PushFront(func(*request.Request) { sent++ })
	if err := call.Send(); err != nil {
		described := answer{"name": "Error", "message": err.Error()}
		if known, ok := err.(awserr.Error); ok {
			described["code"], described["message"] = known.Code(), known.Message()
		}
		if failure, ok := err.(awserr.RequestFailure); ok {
			described["statusCode"], described["requestId"] = failure.StatusCode(), failure.RequestID()
		}
		return answer{"error": described}
	}
	return answer{"value": answer{"data": answer{}, "sent": sent, "status": call.HTTPResponse.StatusCode, "request": call.RequestID}}
}

func handle(one call) answer {
	if one.Call == "init" {
		var given options
		if err := json.Unmarshal(one.Arguments[0], &given); err != nil {
			return answer{"error": answer{"name": "Error", "message": err.Error()}}
		}
		start(given)
		return answer{"value": nil}
	}
	input := new(mobileanalytics.PutEventsInput)
	if err := json.Unmarshal(one.Arguments[0], input); err != nil {
		return answer{"error": answer{"name": "Error", "message": err.Error()}}
	}
	return putEvents(input)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var one call
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		reply := handle(one)
		reply["id"] = one.ID
		if err := out.Encode(reply); err != nil {
			panic(err)
		}
	}
}
