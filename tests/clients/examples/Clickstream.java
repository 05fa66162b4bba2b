// The two events of the vendor's page, by OkHttp.
import java.nio.file.Files;
import java.nio.file.Path;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

public class Clickstream {
  public static void main(String[] arguments) throws Exception {
    OkHttpClient client = new OkHttpClient().newBuilder().build();
    MediaType type = MediaType.parse("application/json; charset=utf-8");
    RequestBody body = RequestBody.create(type, Files.readString(Path.of("clickstream.json")));
    Request request =
        new Request.Builder()
            .url(System.getenv("URL") + "/collect?appId=" + System.getenv("APP_ID"))
            .method("POST", body)
            .addHeader("Content-Type", "application/json; charset=utf-8")
            .addHeader("X-Forwarded-For", "101.188.67.134")
            .build();
    try (Response response = client.newCall(request).execute()) {
      System.out.println(response.body().string());
      System.out.println(response.code());
    }
  }
}
