// The two events of the vendor's page, by HttpClient.
using System;
using System.IO;
using System.Net.Http;
using System.Threading.Tasks;

class Clickstream {
  static void Main() {
    Send().GetAwaiter().GetResult();
  }

  static async Task Send() {
    var client = new HttpClient();
    var url = Environment.GetEnvironmentVariable("URL") + "/collect?appId=" + Environment.GetEnvironmentVariable("APP_ID");
    var request = new HttpRequestMessage(HttpMethod.Post, url);
    request.Headers.Add("X-Forwarded-For", "101.188.67.134");
    request.Content = new StringContent(File.ReadAllText("clickstream.json"), null, "application/json");
    request.Content.Headers.ContentType.CharSet = "utf-8";
    var response = await client.SendAsync(request);
    Console.WriteLine(await response.Content.ReadAsStringAsync());
    Console.WriteLine((int)response.StatusCode);
  }
}
