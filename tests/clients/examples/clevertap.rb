# One event, by net/http.
require 'json'
require 'net/http'
require 'uri'

uri = URI.parse("#{ENV['URL']}/1/upload")
request = Net::HTTP::Post.new(uri)
request.content_type = 'application/json; charset=utf-8'
request['X-CleverTap-Account-Id'] = ENV['ACCOUNT_ID']
request['X-CleverTap-Passcode'] = ENV['PASSCODE']
request.body = JSON.dump(JSON.parse(File.read('clevertap.json')))
answer = Net::HTTP.start(uri.hostname, uri.port, use_ssl: uri.scheme == 'https') { |http| http.request(request) }
puts answer.body
puts answer.code
